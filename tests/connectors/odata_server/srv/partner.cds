using { partner } from '../db/schema';

@path: '/partner' @requires: 'authenticated-user'
service PartnerService {
  @cds.query.limit: { default: 3, max: 3 }
  entity BusinessPartners as projection on partner.BusinessPartners { *, modifiedAt @odata.etag };
  entity Activities as projection on partner.Activities { *, modifiedAt @odata.etag };
}

@path: '/unpaged' @requires: 'authenticated-user'
service UnpagedService {
  entity BusinessPartners as projection on partner.BusinessPartners { *, modifiedAt @odata.etag };
  entity Activities as projection on partner.Activities { *, modifiedAt @odata.etag };
}
