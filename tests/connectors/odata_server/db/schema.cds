namespace partner;
using { managed } from '@sap/cds/common';

entity BusinessPartners : managed {
  key ID    : UUID;
  category  : String(1);
  name      : String(1000);
  taxNumber : String(32);
  birthDate : Date;
  language  : String(35);
  reference : String(200);
  archived  : Boolean default false;
  emails    : Composition of many Emails on emails.partner = $self;
}

entity Emails {
  key ID   : UUID;
  partner  : Association to BusinessPartners;
  address  : String(320);
}

entity Activities : managed {
  key partner : String(40);
  key number  : Integer;
  channel     : String(20);
  kind        : String(20);
  direction   : String(3);
  subject     : String(1000);
  amount      : Decimal(17, 2);
  reference   : String(200);
}
